<?php
// SPDX-License-Identifier: MIT
//
// The function for the tests of the page at /_phork: /log?line=TEXT writes to the log, /fail
// throws, /status?code=N answers with that status, /wait?gate=FIFO waits until a writer opens the
// FIFO.

declare(strict_types=1);

if (($gate = getenv('BOOT_GATE')) !== false) {
    fopen($gate, 'r');
}

return static function (array $event): array {
    $query = $event['queryStringParameters'] ?? [];
    if ($event['rawPath'] === '/fail') {
        throw new LogicException('told to fail');
    }
    if ($event['rawPath'] === '/wait') {
        fopen($query['gate'], 'r');
    }
    if ($event['rawPath'] === '/log') {
        array_map('error_log', explode("\n", $query['line']));
    }
    return ['statusCode' => (int) ($query['code'] ?? 200), 'body' => 'done'];
};
