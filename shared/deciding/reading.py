"""Whether a webhook's body can be decided on at all; where it cannot, what becomes of it. Pure."""

from shared.docspace.payload import MissingEntryError, Webhook, parse
from shared.errors import PermanentError
from shared.rules.model import RuleSet
from shared.text.codes import Code
from shared.wire.outcome import Dead, Skip

FORM_SUBMIT = "form.submit"
"""It names the form and what was submitted, and no file (docs/explanation/portal.md, "Webhooks")."""
A_FORM = Skip("form.submit names no file: what was submitted in a form room is found by reconciling", Code.FORM)


def read(body: bytes, rules: RuleSet, *, flagged: bool = False) -> Webhook | Skip | Dead:
    """The webhook in `body`. `flagged`: the ingress could not read it, so that a person looks at it in any case."""
    try:
        webhook = parse(body)
    except MissingEntryError as error:
        if error.trigger == FORM_SUBMIT and not flagged:
            return A_FORM
        if flagged or rules.listens_to(error.trigger):
            return Dead(str(error), error.code)
        return Skip(f"no rule asks for the trigger {error.trigger}", Code.NO_RULE)
    except PermanentError as error:
        return Dead(str(error), error.code)
    if flagged:
        return Dead(
            f"the ingress could not read this signed webhook, which says it is {webhook.trigger}", Code.UNREADABLE
        )
    return webhook
