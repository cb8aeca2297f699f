"""The lists of the console, declared: a module for each area."""
