"""Files in and out: customers, items, stock, prices, orders and purchase orders as CSV, XLSX or NDJSON."""

from auftakt.channels.files.importing import KINDS, ImportReport, import_file
from auftakt.channels.files.jobs import CHECK, IMPORT, FileGoneError, FileOrder, bad_file, look_at
from auftakt.channels.files.mapping import Mapping, MappingError, load_map, read_map, shipped_maps, stands_alone
from auftakt.channels.files.reading import FileRefusedError
from auftakt.channels.files.samples import sample_csv, sample_xlsx

__all__ = [
    "CHECK",
    "IMPORT",
    "KINDS",
    "FileGoneError",
    "FileOrder",
    "FileRefusedError",
    "ImportReport",
    "Mapping",
    "MappingError",
    "bad_file",
    "import_file",
    "load_map",
    "look_at",
    "read_map",
    "sample_csv",
    "sample_xlsx",
    "shipped_maps",
    "stands_alone",
]
