"""Watchbill: the control room for service operations that never close."""

__version__ = "0.1.0"
