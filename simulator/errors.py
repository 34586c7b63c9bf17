"""A refusal of the portal, with the status and the text DocSpace would answer.

PortalError
├── NotFoundError      404
├── DeniedError        403, always "Access denied", whatever the reason was
├── ForbiddenError     403 with a text of its own
└── BadRequestError    400
"""


class PortalError(Exception):
    status = 500
    type = "System.Exception"

    @property
    def message(self) -> str:
        return str(self)


class NotFoundError(PortalError):
    status = 404
    type = "ASC.Common.Web.ItemNotFoundException"


class DeniedError(PortalError):
    status = 403
    type = "System.Security.SecurityException"

    def __init__(self) -> None:
        super().__init__("Access denied")


class ForbiddenError(PortalError):
    status = 403
    type = "System.InvalidOperationException"


class BadRequestError(PortalError):
    status = 400
    type = "System.ArgumentException"
