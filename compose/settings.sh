# Are the portal's variables all set, or none? Each holds "set", or nothing; one message names all that are missing.
every="DOCSPACE_API_HOST DOCSPACE_API_KEY DOCSPACE_WEBHOOK_SECRET"
rule="CLIENT_ROOM_ID INCOMING_FOLDER_ID MANAGER_EMAIL"

case "$READER" in
    "" | on) ;;
    *)
        echo "READER is \"$READER\": set it to on, or unset it. Nothing was started."
        exit 2
        ;;
esac

given=
for name in $every $rule RULES_FILE; do eval "given=\$given\$$name"; done
[ -n "$given" ] || exit 0

[ -n "$RULES_FILE" ] || every="$every $rule"
missing=
for name in $every; do eval "[ -n \"\$$name\" ]" || missing="$missing $name"; done
if [ -n "$missing" ]; then
    echo "A portal is half configured. Missing in .env:$missing"
    echo "Set these too, or unset all of the portal's variables: see .env.example. Nothing was started."
    exit 2
fi

# With a portal there are real invoices: nobody comes to them with a password that everybody knows.
known=
[ -n "$SECRETS_DIR$AMQP_URL" ] || known="RabbitMQ's guest"
[ -n "$SECRETS_DIR$DATABASE_URL$POSTGRES_PASSWORD" ] || known="${known:+$known and }the database's intake"
[ -n "$known" ] && [ -z "$HARDEN_GOES_BACK" ] || exit 0
echo "With a portal, broker and database take no password that everybody knows, as there would be: $known."
echo "Run \`intake harden\`: it makes a user and a password for each service, also where all runs already."
echo "Nothing was started."
exit 2
