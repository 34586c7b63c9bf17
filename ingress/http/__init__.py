"""The ingress over HTTP: two servers, one application."""
