# Are the portal's variables all set, or none? Each holds "set", or nothing; one message names all that are missing.
every="DOCSPACE_API_HOST DOCSPACE_API_KEY DOCSPACE_WEBHOOK_SECRET"
rule="CLIENT_ROOM_ID INCOMING_FOLDER_ID MANAGER_EMAIL"

given=
for name in $every $rule RULES_FILE; do eval "given=\$given\$$name"; done
[ -n "$given" ] || exit 0

[ -n "$RULES_FILE" ] || every="$every $rule"
missing=
for name in $every; do eval "[ -n \"\$$name\" ]" || missing="$missing $name"; done
[ -n "$missing" ] || exit 0

echo "A portal is half configured. Missing in .env:$missing"
echo "Set these too, or unset all of the portal's variables: see .env.example. Nothing was started."
exit 2
