<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace RandomCase;

use RuntimeException;

/** Where mail lies that has come in: the bucket to which SES writes it. */
interface MailStore
{
    /**
     * The message as it came, headers and body.
     *
     * @throws RuntimeException when there is no such object
     */
    public function read(string $bucket, string $key): string;
}
