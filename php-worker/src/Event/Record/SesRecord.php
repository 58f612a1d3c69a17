<?php
// SPDX-License-Identifier: MIT
declare(strict_types=1);

namespace Phork\Event\Record;

use DateTimeImmutable;
use Phork\Event\Fields;

/** One mail. */
final readonly class SesRecord
{
    /**
     * @param string $messageId that SES gave the mail; by default its key in S3
     * @param string $source the envelope's sender
     * @param list<string> $recipients to which this rule applies
     * @param list<string> $from addresses of the header
     * @param list<string> $to addresses of the header
     * @param list<array{name: string, value: string}> $headers in order; a name may come twice
     */
    private function __construct(
        private Fields $fields,
        public string $messageId,
        public DateTimeImmutable $timestamp,
        public string $source,
        public array $recipients,
        public array $from,
        public array $to,
        public ?string $subject,
        public array $headers,
    ) {
    }

    public static function fromFields(Fields $record): self
    {
        $record->oneOf('eventSource', ['aws:ses']);
        $ses = $record->object('ses');
        [$mail, $receipt] = [$ses->object('mail'), $ses->object('receipt')];
        $common = $mail->object('commonHeaders');

        return new self(
            $record,
            $mail->string('messageId'),
            Time::ofField($mail, 'timestamp'),
            $mail->string('source'),
            $receipt->strings('recipients'),
            $common->strings('from'),
            $common->strings('to'),
            $common->optionalString('subject'),
            array_map(static fn (Fields $header): array => [
                'name' => $header->string('name'),
                'value' => $header->string('value'),
            ], $mail->has('headers') ? $mail->objects('headers') : []),
        );
    }

    /** The first value of the header; upper and lower case are one. */
    public function header(string $name): ?string
    {
        foreach ($this->headers as $header) {
            if (strcasecmp($header['name'], $name) === 0) {
                return $header['value'];
            }
        }

        return null;
    }

    /**
     * @param 'spam'|'virus'|'spf'|'dkim'|'dmarc' $check
     * @return ?string PASS, FAIL, GRAY or PROCESSING_FAILED; null when SES did not check
     */
    public function verdict(string $check): ?string
    {
        $receipt = $this->fields->object('ses')->object('receipt');

        return $receipt->optionalObject("{$check}Verdict")?->string('status');
    }

    /** @return array<mixed> the record as it came */
    public function toArray(): array
    {
        return $this->fields->toArray();
    }
}
