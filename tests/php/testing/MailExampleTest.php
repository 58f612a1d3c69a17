<?php
// SPDX-License-Identifier: MIT
//
// The bot that answers mail, under the real runtime and with mail of its own folder.

declare(strict_types=1);

namespace Phork\Tests\Testing;

use Phork\Testing\RuntimeAnswer;
use Phork\Testing\RuntimeTestCase;
use Phork\Testing\Samples;

final class MailExampleTest extends RuntimeTestCase
{
    private string $mail;

    protected function setUp(): void
    {
        if (!is_file($this->folder() . '/vendor/autoload.php')) {
            self::markTestSkipped('composer install --working-dir=examples/random-case');
        }
        $this->mail = sys_get_temp_dir() . '/phork-mail-' . bin2hex(random_bytes(6));
        mkdir($this->mail);
    }

    protected function tearDown(): void
    {
        if (isset($this->mail)) {
            array_map(unlink(...), glob("$this->mail/*") ?: []);
            rmdir($this->mail);
        }
    }

    /** @dataProvider strategies */
    public function testAMailIsAnsweredInRandomCase(string $strategy): void
    {
        copy($this->folder() . '/mail/hello.eml', "$this->mail/hello.eml");

        $answer = $this->receive('hello.eml', $strategy);

        self::assertSame(['sent' => 1, 'unanswered' => 0], $answer->value, $answer->log);
        self::assertStringContainsString('| To: Ada Lovelace <ada@example.org>', $answer->log);
        self::assertStringContainsString('| In-Reply-To: <1843@example.org>', $answer->log);
        self::assertStringContainsString('| Auto-Submitted: auto-replied', $answer->log);
        $text = 'the engine weaves algebraic patterns. sch=c3=(b6|96)ne gr=c3=(bc|9c)=c3=9fe, ada';
        self::assertMatchesRegularExpression("/\\| $text\$/mi", $answer->log);
        self::assertDoesNotMatchRegularExpression("/\\| $text\$/m", $answer->log);
    }

    /** @return array<string, array{string}> */
    public static function unanswerable(): array
    {
        return [
            'a robot' => ["From: a@example.org\nAuto-Submitted: auto-generated\n\nhello\n"],
            'a list' => ["From: a@example.org\nList-Id: <l.example.org>\n\nhello\n"],
            'a bounce' => ["From: a@example.org\nReturn-Path: <>\n\nhello\n"],
            'ourselves' => ["From: BOT@example.org\n\nhello\n"],
            'nobody' => ["Subject: hello\n\nhello\n"],
            'no address' => ["From: somebody\n\nhello\n"],
            'no mail' => ["\x00\xff"],
            'nothing' => [''],
        ];
    }

    /** @dataProvider unanswerable */
    public function testNoReplyToWhomOneMustNotWrite(string $mail): void
    {
        file_put_contents("$this->mail/a.eml", $mail);

        $answer = $this->receive('a.eml');

        self::assertSame(['sent' => 0, 'unanswered' => 1], $answer->value, $answer->log);
    }

    public function testHtmlAloneIsAnsweredByItsText(): void
    {
        file_put_contents("$this->mail/a.eml", "From: a@example.org\nReply-To: b@example.org\n"
            . "Content-Type: text/html; charset=utf-8\n\n<p>1 &lt; 2 &amp; 3</p>\n");

        $answer = $this->receive('a.eml');

        self::assertStringContainsString('| To: b@example.org', $answer->log);
        self::assertStringContainsString('| 1 < 2 & 3', $answer->log);
    }

    public function testAnIdThatIsNoneIsNotRepeated(): void
    {
        file_put_contents("$this->mail/a.eml", "From: a@example.org\nMessage-ID: <123 45>\n\nhi\n");

        $answer = $this->receive('a.eml');

        self::assertSame(['sent' => 1, 'unanswered' => 0], $answer->value, $answer->log);
        self::assertStringNotContainsString('| In-Reply-To', $answer->log);
    }

    public function testAMailThatIsGoneFailsTheEvent(): void
    {
        $answer = $this->receive('gone.eml');

        self::assertSame('RuntimeException', $answer->errorType);
        self::assertStringContainsString("no file 'gone.eml'", (string) $answer->errorMessage);
    }

    private function receive(string $key, string $strategy = 'fork'): RuntimeAnswer
    {
        $event = Samples::records('s3', [['s3' => ['object' => ['key' => $key]]]]);

        return $this->invoke($strategy, $event, ['MAIL_FOLDER' => $this->mail]);
    }

    protected function folder(): string
    {
        return \dirname(__DIR__, 3) . '/examples/random-case';
    }

    protected function handler(): string
    {
        return 'mail.php';
    }
}
