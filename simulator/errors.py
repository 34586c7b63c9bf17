"""The portal's refusals, each with the status, text, type and hresult that DocSpace answers.

PortalError
├── NotFoundError      404, the entry or the destination does not exist
├── SourceGoneError    404, a file to be moved does not exist, and it is not the first one
├── SelectorError      404, the id does not belong to the portal's own storage
├── DeniedError        403, with the text "Access denied" for any reason
├── ForbiddenError     403, with a text of its own
├── NobodyError        401, the caller did not say who they are
├── QuotaError         402
├── BadRequestError    400
├── RangeError         400
├── BrokenError        500, a refusal that the portal reports as a fault of its own
└── ValidationError    400 in the envelope of a success: the request's shape is wrong
    └── MediaTypeError 415 in the same envelope
"""


class PortalError(Exception):
    status = 500
    type = "System.Exception"
    hresult = -2146233088

    @property
    def message(self) -> str:
        return str(self)


class NotFoundError(PortalError):
    status = 404
    type = "ASC.Common.Web.ItemNotFoundException"


class SourceGoneError(PortalError):
    status = 404
    type = "System.IO.FileNotFoundException"
    hresult = -2147024894

    def __init__(self) -> None:
        super().__init__("The required file was not found")


class SelectorError(NotFoundError):
    def __init__(self) -> None:
        super().__init__("Selector '' not found")


class DeniedError(PortalError):
    status = 403
    type = "System.Security.SecurityException"
    hresult = -2146233078

    def __init__(self) -> None:
        super().__init__("Access denied")


class ForbiddenError(PortalError):
    status = 403
    type = "System.InvalidOperationException"
    hresult = -2146233079


class NobodyError(PortalError):
    status = 401
    type = "System.Security.Authentication.AuthenticationException"
    hresult = -2146233087

    def __init__(self) -> None:
        super().__init__("System error.")


class QuotaError(PortalError):
    status = 402
    type = "ASC.Core.Tenants.TenantQuotaException"


class BadRequestError(PortalError):
    status = 400
    type = "System.ArgumentException"
    hresult = -2147024809


class RangeError(BadRequestError):
    type = "System.ArgumentOutOfRangeException"
    hresult = -2146233086


class BrokenError(PortalError):
    def __init__(self, message: str, type_: str, hresult: int) -> None:
        super().__init__(message)
        self.type = type_
        self.hresult = hresult


class ValidationError(PortalError):
    """`errors` says for each bad field what is wrong with it."""

    status = 400

    def __init__(self, **errors: str) -> None:
        super().__init__("One or more validation errors occurred.")
        self.errors = {name: [text] for name, text in errors.items()}


class MediaTypeError(ValidationError):
    status = 415

    def __init__(self) -> None:
        super().__init__()
