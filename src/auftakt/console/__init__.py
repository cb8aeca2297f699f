"""The console: screens for the people who work with orders all day.

An edge: it parses, calls one verb or one query, and shows the result.
"""
