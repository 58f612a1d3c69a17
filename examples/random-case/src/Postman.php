<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace RandomCase;

use RuntimeException;
use Symfony\Component\Mime\Email;

interface Postman
{
    /** @throws RuntimeException when nobody takes the message */
    public function send(Email $mail): void;
}
