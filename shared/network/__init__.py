"""Addresses, names, certificates and sockets."""
