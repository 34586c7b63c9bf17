"""A refusal of the portal, with the status and the text DocSpace would answer.

PortalError
├── NotFound      404
├── Denied        403, always "Access denied", whatever the reason was
├── Forbidden     403 with a text of its own
└── BadRequest    400
"""


class PortalError(Exception):
    status = 500
    type = "System.Exception"

    @property
    def message(self) -> str:
        return str(self)


class NotFound(PortalError):
    status = 404
    type = "ASC.Common.Web.ItemNotFoundException"


class Denied(PortalError):
    status = 403
    type = "System.Security.SecurityException"

    def __init__(self) -> None:
        super().__init__("Access denied")


class Forbidden(PortalError):
    status = 403
    type = "System.InvalidOperationException"


class BadRequest(PortalError):
    status = 400
    type = "System.ArgumentException"
