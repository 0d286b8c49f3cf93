"""Rows and tables: the only modules that know SQL types, and the locks that services take."""
