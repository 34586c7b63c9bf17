"""The settings of mail."""

from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from shared.process.settings import Tls
from shared.smtp.mailbox import mailbox
from shared.smtp.url import parse_smtp_url


def _smtp_url(value: SecretStr) -> SecretStr:
    parse_smtp_url(value.get_secret_value())
    return value


def _mailbox(value: str) -> str:
    mailbox(value)
    return value


class Mail(Tls):
    smtp_url: Annotated[
        SecretStr,
        AfterValidator(_smtp_url),
        Field(description="smtp://, smtps:// or smtp+starttls://user:password@host:port"),
    ] = SecretStr("smtp://127.0.0.1:1025")
    mail_from: Annotated[str, AfterValidator(_mailbox), Field(description="the sender of the mails")] = (
        "invoices@localhost"
    )
    mail_reply_to: Annotated[
        str | None,
        AfterValidator(lambda value: value and _mailbox(value)),
        Field(description="who gets the answers to the mails; without it, MAIL_FROM"),
    ] = None
