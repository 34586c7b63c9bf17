"""What every answer says to the browser: run and show nothing but what comes from here, and keep no page."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SAME_ORIGIN = "same-origin"

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": SAME_ORIGIN,  # with `no-referrer` a browser says `Origin: null` when it sends a form
    "Cross-Origin-Opener-Policy": SAME_ORIGIN,
    "Cross-Origin-Resource-Policy": SAME_ORIGIN,
    "Cache-Control": "no-store",
}
