"""Imports: files, staged rows, rejected rows with their reasons, and events held until their time comes."""
