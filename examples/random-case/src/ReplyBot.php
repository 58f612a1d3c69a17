<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace RandomCase;

use Symfony\Component\Mime\Address;
use Symfony\Component\Mime\Email;
use ZBateson\MailMimeParser\Header\AddressHeader;
use ZBateson\MailMimeParser\Header\HeaderConsts;
use ZBateson\MailMimeParser\IMessage;
use ZBateson\MailMimeParser\MailMimeParser;

/** Answers a mail with its own words in rANdoM CaSe. */
final readonly class ReplyBot
{
    private const LONGEST = 10_000;

    public function __construct(
        private Address $self,
        private RandomCase $case = new RandomCase(),
        private MailMimeParser $parser = new MailMimeParser(),
    ) {
    }

    /** Null when the mail must not be answered, so that two robots never write to each other. */
    public function reply(string $mail): ?Email
    {
        $message = $this->parser->parse($mail, false);
        $to = $this->addressToAnswer($message);
        if ($to === null || $this->isAutomatic($message)) {
            return null;
        }
        $reply = (new Email())
            ->from($this->self)
            ->to($to)
            ->subject('Re: ' . $this->case->write((string) $message->getHeaderValue('Subject')))
            ->text($this->case->write($this->textOf($message)));
        $headers = $reply->getHeaders()->addTextHeader('Auto-Submitted', 'auto-replied');
        $id = (string) $message->getHeaderValue('Message-ID');
        if (filter_var($id, FILTER_VALIDATE_EMAIL)) {
            // Mail programs show the reply below the mail.
            $headers->addIdHeader('In-Reply-To', $id)->addIdHeader('References', $id);
        }

        return $reply;
    }

    private function addressToAnswer(IMessage $message): ?Address
    {
        foreach ([HeaderConsts::REPLY_TO, HeaderConsts::FROM] as $name) {
            $header = $message->getHeader($name);
            $first = $header instanceof AddressHeader ? ($header->getAddresses()[0] ?? null) : null;
            $address = (string) $first?->getEmail();
            if (filter_var($address, FILTER_VALIDATE_EMAIL)) {
                return strcasecmp($address, $this->self->getAddress()) === 0
                    ? null
                    : new Address($address, (string) $first?->getName());
            }
        }

        return null;
    }

    /** https://www.rfc-editor.org/rfc/rfc3834#section-2 */
    private function isAutomatic(IMessage $message): bool
    {
        $submitted = (string) $message->getHeaderValue('Auto-Submitted', 'no');
        $precedence = (string) $message->getHeaderValue('Precedence', '');

        return strcasecmp($submitted, 'no') !== 0
            || in_array(strtolower($precedence), ['bulk', 'junk', 'list'], true)
            || $message->getHeader('List-Id') !== null
            || trim((string) $message->getHeaderValue('Return-Path', 'unknown'), '<> ') === '';
    }

    /** Its plain text, or that of its HTML. */
    private function textOf(IMessage $message): string
    {
        $text = $message->getTextContent();
        if ($text === null) {
            $html = strip_tags((string) $message->getHtmlContent());
            $text = html_entity_decode($html, ENT_QUOTES | ENT_HTML5);
        }

        return mb_substr(mb_scrub($text), 0, self::LONGEST);
    }
}
