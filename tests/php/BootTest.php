<?php
// SPDX-License-Identifier: MIT
//
// boot.php and an application that has phork in its own vendor directory. The order of loading
// matters, so each case runs in its own PHP process.

declare(strict_types=1);

namespace Phork\Tests;

final class BootTest extends LibraryTestCase
{
    private const SOURCE = __DIR__ . '/../../php-worker/src';

    private string $vendor;

    protected function setUp(): void
    {
        $this->vendor = sys_get_temp_dir() . '/phork-boot-' . bin2hex(random_bytes(6));
        mkdir($this->vendor);
        foreach (['functions', 'Hooks', 'Context'] as $name) {
            copy(self::SOURCE . "/$name.php", "$this->vendor/$name.php");
        }
    }

    protected function tearDown(): void
    {
        array_map(unlink(...), glob("$this->vendor/*"));
        rmdir($this->vendor);
    }

    public function testBootLeavesNoVariableBehind(): void
    {
        $printed = $this->php('$before = get_defined_vars(); (require $boot)("strlen", "");
            echo implode(",", array_keys(array_diff_key(get_defined_vars(), $before)));');

        self::assertSame('before', $printed);
    }

    public function testACopyThatIsLoadedLaterIsNotMixedIn(): void
    {
        $printed = $this->php('$start = require $boot;
            spl_autoload_register(fn ($c) => is_file($f = $vendor . "/" . substr($c, 6) . ".php")
                && require $f, true, true);
            require $vendor . "/functions.php";
            Phork\onFork(fn () => print("hook "));
            $start(fn ($e, Phork\Context $c) => 1, "")->runForkHooks();
            Phork\Context::fake();
            echo implode(" ", preg_grep("~^$vendor/[A-Z]~", get_included_files())) ?: "one copy";');

        self::assertSame('hook one copy', $printed);
    }

    public function testACopyThatIsLoadedFirstIsNoError(): void
    {
        $printed = $this->php('require $vendor . "/functions.php";
            (require $boot)(fn () => 1, ""); echo "fine";');

        self::assertSame('fine', $printed);
    }

    private function php(string $code): string
    {
        $code = sprintf(
            'error_reporting(-1); $boot = %s; $vendor = %s; %s',
            var_export(self::SOURCE . '/boot.php', true),
            var_export($this->vendor, true),
            $code,
        );

        return (string) shell_exec(escapeshellarg(PHP_BINARY) . ' -d display_errors=1 -r '
            . escapeshellarg($code) . ' 2>&1');
    }
}
