"""Backup and restore to a point in time: base backup, WAL archive, files, audit anchor, escrowed keys."""
