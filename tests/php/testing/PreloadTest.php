<?php
// SPDX-License-Identifier: MIT
//
// opcache.preload in a php.ini of the application. tests/readonly has Symfony's own file, as a user
// without rights.

declare(strict_types=1);

namespace Phork\Tests\Testing;

use Phork\Testing\RuntimeAnswer;
use Phork\Testing\RuntimeNotStarted;
use Phork\Testing\RuntimeTestCase;

final class PreloadTest extends RuntimeTestCase
{
    private string $folder;

    protected function setUp(): void
    {
        $this->folder = sys_get_temp_dir() . '/phork-preload-' . bin2hex(random_bytes(8));
        mkdir("$this->folder/php.d", 0755, true);
        file_put_contents("$this->folder/Thing.php", '<?php class Thing {}');
        file_put_contents("$this->folder/preload.php", '<?php require __DIR__ . "/Thing.php";');
        file_put_contents("$this->folder/index.php", '<?php
            return static fn (): bool => class_exists("Thing", false);');
        // Another user preloads when this is root, and has to be able to read.
        chmod($this->folder, 0755);
        array_map(static fn (string $file) => chmod($file, 0644), glob("$this->folder/*.php"));
    }

    protected function tearDown(): void
    {
        array_map(unlink(...), glob("$this->folder/{*.php,php.d/*}", GLOB_BRACE));
        rmdir("$this->folder/php.d");
        rmdir($this->folder);
    }

    /** @dataProvider strategies */
    public function testClassesArePreloaded(string $strategy): void
    {
        $answer = $this->invokeWith($strategy, 'preload.php', 'opcache.preload_user=nobody');

        self::assertTrue($answer->value, $answer->log);
    }

    /** @dataProvider strategies */
    public function testAFileThatIsNotThereIsNamed(string $strategy): void
    {
        self::assertStringContainsString(
            "Failed opening required '$this->folder/nothing.php'",
            $this->logOfFailure($strategy, 'nothing.php', 'opcache.preload_user=nobody'),
        );
    }

    /** @dataProvider strategies */
    public function testRootHasToNameAnotherUser(string $strategy): void
    {
        if (posix_getuid() !== 0) {
            self::markTestSkipped('only root has to');
        }
        self::assertStringContainsString(
            '"opcache.preload_user"',
            $this->logOfFailure($strategy, 'preload.php', ''),
        );
    }

    protected function folder(): string
    {
        return $this->folder;
    }

    protected function handler(): string
    {
        return 'index.php';
    }

    private function invokeWith(string $strategy, string $file, string $setting): RuntimeAnswer
    {
        file_put_contents(
            "$this->folder/php.d/preload.ini",
            "opcache.preload=$this->folder/$file\n$setting\n",
        );

        return $this->invoke($strategy, [], ['PHP_INI_SCAN_DIR' => ":$this->folder/php.d"]);
    }

    private function logOfFailure(string $strategy, string $file, string $setting): string
    {
        try {
            $answer = $this->invokeWith($strategy, $file, $setting);
        } catch (RuntimeNotStarted $failure) {
            return $failure->getMessage();
        }
        self::assertNull($answer->value);

        return $answer->log;
    }
}
