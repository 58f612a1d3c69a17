<?php
// SPDX-License-Identifier: MIT
//
// load.php, and an application that has phork in its own vendor directory. The order of loading
// matters, so each case runs in its own PHP process.

declare(strict_types=1);

namespace Phork\Tests;

use FilesystemIterator;
use PHPUnit\Framework\TestCase;
use RecursiveDirectoryIterator;
use RecursiveIteratorIterator;

final class LoadTest extends TestCase
{
    private const SOURCE = __DIR__ . '/../../php-worker/src';

    private string $vendor;

    protected function setUp(): void
    {
        $this->vendor = sys_get_temp_dir() . '/phork-load-' . bin2hex(random_bytes(6));
        mkdir($this->vendor);
        copy(self::SOURCE . '/functions.php', "$this->vendor/functions.php");
    }

    protected function tearDown(): void
    {
        array_map(unlink(...), glob("$this->vendor/*"));
        rmdir($this->vendor);
    }

    public function testLoadingLeavesNoVariableAndNoAutoloaderBehind(): void
    {
        $printed = $this->php('$before = get_defined_vars(); require $load;
            echo implode(",", array_keys(array_diff_key(get_defined_vars(), $before))), " ",
                count(spl_autoload_functions());');

        self::assertSame('before 0', $printed);
    }

    public function testEveryFileButThoseOfEventsAndBridgesIsLoaded(): void
    {
        $printed = $this->php('require $load; echo implode("\n", get_included_files());');

        $files = array_filter(
            self::filesBelow(self::SOURCE),
            // The parents of a bridge's classes are a framework's.
            static fn (string $file): bool => !preg_match('~/src/(Event|Bridge)/~', $file)
                && basename($file) !== 'prepend.php',
        );
        self::assertEqualsCanonicalizing($files, explode("\n", $printed));
    }

    public function testTheFilesOfEventsAreLoadedOnTheirOwn(): void
    {
        $printed = $this->php('require dirname($load) . "/Event/load.php";
            echo implode("\n", get_included_files());');

        self::assertEqualsCanonicalizing(
            self::filesBelow(self::SOURCE . '/Event'),
            explode("\n", $printed),
        );
    }

    public function testACopyOfTheFunctionsThatIsLoadedLaterIsNotMixedIn(): void
    {
        $printed = $this->php('require $load; require $vendor . "/functions.php";
            Phork\onFork(fn () => print("hook"));
            Phork\Worker\Dispatcher::boot("strlen", "")->runHooks("Phork\\onFork");');

        self::assertSame('hook', $printed);
    }

    public function testACopyOfTheFunctionsThatIsLoadedFirstIsNoError(): void
    {
        self::assertSame('fine', $this->php('require $vendor . "/functions.php"; require $load;
            echo "fine";'));
    }

    /** @return list<string> */
    private static function filesBelow(string $folder): array
    {
        $files = new RecursiveDirectoryIterator($folder, FilesystemIterator::SKIP_DOTS);

        return array_map(
            static fn (string $file): string => (string) realpath($file),
            array_keys(iterator_to_array(new RecursiveIteratorIterator($files))),
        );
    }

    private function php(string $code): string
    {
        $code = sprintf(
            'error_reporting(-1); $load = %s; $vendor = %s; %s',
            var_export(self::SOURCE . '/load.php', true),
            var_export($this->vendor, true),
            $code,
        );

        return (string) shell_exec(escapeshellarg(PHP_BINARY) . ' -d display_errors=1 -r '
            . escapeshellarg($code) . ' 2>&1');
    }
}
