"""The portal as a command asks it: one call at a time, by the settings of the workers."""

from shared.docspace.client import Client
from shared.process.settings import Portal


def portal_client(settings: Portal) -> Client:
    """To be closed. Its methods raise the errors of `shared.docspace.errors`."""
    key = settings.docspace_api_key.get_secret_value()
    return Client(settings.docspace_api_host, key, pool_size=1, ca_file=settings.tls_ca_file)
