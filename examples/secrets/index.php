<?php
// SPDX-License-Identifier: MIT
//
// Answers with the number of characters of the secret that an event names. PHORK_SECRETS has made
// it a variable before this file runs.

declare(strict_types=1);

return static function (array $event): array {
    $name = $event['name'] ?? 'DB_PASSWORD';
    if (!is_string($name)) {
        throw new UnexpectedValueException('name: expected a string, got ' . get_debug_type($name));
    }
    $secret = getenv($name);

    return ['name' => $name, 'characters' => $secret === false ? null : mb_strlen($secret)];
};
