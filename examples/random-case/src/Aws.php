<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace RandomCase;

use Aws\S3\S3Client;
use Aws\SesV2\SesV2Client;
use Symfony\Component\Mime\Email;

/** S3 and SES, in the function's region and with its role. */
final readonly class Aws implements MailStore, Postman
{
    public function __construct(private S3Client $s3, private SesV2Client $ses)
    {
    }

    public static function fromEnvironment(): self
    {
        return new self(new S3Client([]), new SesV2Client([]));
    }

    public function read(string $bucket, string $key): string
    {
        return (string) $this->s3->getObject(['Bucket' => $bucket, 'Key' => $key])['Body'];
    }

    public function send(Email $mail): void
    {
        $this->ses->sendEmail(['Content' => ['Raw' => ['Data' => $mail->toString()]]]);
    }
}
