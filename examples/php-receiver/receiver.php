<?php
// Receives signed webhooks (https://www.standardwebhooks.com) and makes a file of each, once.
// WEBHOOK_SECRETS holds one secret or, while you change it, several with spaces between them.

const TOLERANCE_S = 300;
const MOST_BYTES = 100_000;

// Signed with one of the secrets within the last five minutes, by a clock that may be five minutes fast.
function is_genuine(string $id, string $timestamp, string $signatures, string $body): bool
{
    if ($id === '' || !ctype_digit($timestamp) || abs(time() - (int) $timestamp) > TOLERANCE_S) {
        return false;
    }
    $genuine = false;
    foreach (preg_split('/\s+/', getenv('WEBHOOK_SECRETS'), -1, PREG_SPLIT_NO_EMPTY) as $secret) {
        $key = base64_decode(preg_replace('/^whsec_/', '', $secret));
        $wanted = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $key, true));
        foreach (explode(' ', $signatures) as $given) {
            $genuine = hash_equals($wanted, $given) || $genuine;
        }
    }
    return $genuine;
}

// Your part. Here each event becomes a file, complete or not there at all.
function handle(string $id, array $event): void
{
    $name = __DIR__ . '/done/' . hash('sha256', $id);
    if (file_exists("$name.json")) { // an event may come twice, with the same id
        return;
    }
    $unfinished = "$name." . bin2hex(random_bytes(8)) . '.part';
    if (file_put_contents($unfinished, json_encode($event)) === false || !rename($unfinished, "$name.json")) {
        throw new RuntimeException("$name.json was not written");
    }
}

function answer(): int
{
    if ($_SERVER['REQUEST_METHOD'] !== 'POST') {
        return 405;
    }
    $body = file_get_contents('php://input', length: MOST_BYTES + 1);
    if (strlen($body) > MOST_BYTES) {
        return 413;
    }
    [$id, $timestamp, $signatures] = array_map(
        fn (string $name) => $_SERVER["HTTP_WEBHOOK_$name"] ?? '', ['ID', 'TIMESTAMP', 'SIGNATURE']);
    if (!is_genuine($id, $timestamp, $signatures, $body)) {
        return 401;
    }
    handle($id, json_decode($body, true, flags: JSON_THROW_ON_ERROR));
    return 204; // only now is it no longer sent again
}

@mkdir(__DIR__ . '/done');
try {
    http_response_code(answer());
} catch (Throwable $error) {
    http_response_code(500);
    error_log($error->getMessage());
}
