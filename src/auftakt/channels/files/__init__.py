"""Files in and out: customers, items, stock, prices, orders and purchase orders as CSV, XLSX or NDJSON."""

from auftakt.channels.files.importing import KINDS, ImportReport, import_file
from auftakt.channels.files.mapping import Mapping, MappingError, load_map, shipped_maps
from auftakt.channels.files.reading import FileRefusedError

__all__ = [
    "KINDS",
    "FileRefusedError",
    "ImportReport",
    "Mapping",
    "MappingError",
    "import_file",
    "load_map",
    "shipped_maps",
]
