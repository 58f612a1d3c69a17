<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace RandomCase;

use RuntimeException;
use Symfony\Component\Mime\Email;

/** In the place of S3 and SES: mail comes out of a folder, and goes to the log. */
final readonly class Local implements MailStore, Postman
{
    public function __construct(private string $folder)
    {
    }

    public function read(string $bucket, string $key): string
    {
        $mail = @file_get_contents("$this->folder/" . basename($key));

        return $mail === false
            ? throw new RuntimeException("read mail: no file '$key' in $this->folder")
            : $mail;
    }

    public function send(Email $mail): void
    {
        error_log('this mail would be sent:');
        foreach (explode("\n", trim(str_replace("\r", '', $mail->toString()))) as $line) {
            error_log("| $line");
        }
    }
}
