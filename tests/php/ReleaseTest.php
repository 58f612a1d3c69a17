<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

use Composer\Spdx\SpdxLicenses;
use PHPUnit\Framework\TestCase;

require_once 'Composer/Spdx/autoload.php';
require_once dirname(__DIR__, 2) . '/tools/release/Copyright.php';

/** The parts of a release that tools/release makes. */
final class ReleaseTest extends TestCase
{
    private const TOOLS = __DIR__ . '/../../tools/release';
    private const FORMAT = 'Format: '
        . "https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n";

    private ?string $root = null;

    protected function tearDown(): void
    {
        if ($this->root !== null) {
            exec('rm -rf ' . escapeshellarg($this->root));
        }
    }

    /** @return array{int, string, string} exit code, output, errors */
    private function runTool(string $tool, array $arguments, string $input = ''): array
    {
        $command = [PHP_BINARY, self::TOOLS . "/$tool.php", ...$arguments];
        $process = proc_open($command, [['pipe', 'r'], ['pipe', 'w'], ['pipe', 'w']], $pipes);
        fwrite($pipes[0], $input);
        fclose($pipes[0]);
        [$output, $errors] = [stream_get_contents($pipes[1]), stream_get_contents($pipes[2])];
        return [proc_close($process), $output, $errors];
    }

    /** A root with one package, a link, a folder that is a link, and a file of nobody. */
    private function root(): string
    {
        $this->root = sys_get_temp_dir() . '/phork-release-' . bin2hex(random_bytes(6));
        $files = [
            'var/lib/dpkg/status' => "Package: tool\nStatus: install ok installed\n"
                . "Version: 1:2.0-1\nArchitecture: amd64\nSource: tools (2.0-1)\n\n",
            'var/lib/dpkg/info/tool.list' => "/.\n/lib\n/lib/libtool.so\n"
                . "/usr/share/doc/tool/copyright\n",
            'usr/lib/libtool.so' => 'code',
            'usr/share/doc/tool/copyright' => self::FORMAT . "\nFiles: *\nLicense: Expat\n",
            'etc/made' => 'here',
        ];
        foreach ($files as $path => $text) {
            @mkdir(dirname("$this->root/$path"), 0755, true);
            file_put_contents("$this->root/$path", $text);
        }
        symlink('usr/lib', "$this->root/lib");
        symlink('libtool.so', "$this->root/usr/lib/link.so");
        return $this->root;
    }

    public function testAChangelogHasAnEntryForEachReleaseAndForNews(): void
    {
        $text = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- One\n  thing.\n- Another.\n\n"
            . "## [0.1.0] - 2026-11-20\n\n- First.\n";
        [$code, $output] = $this->runTool('changelog', ['0.1.0+g1+deb12', '+deb12', 86400], $text);
        self::assertSame(0, $code);
        self::assertStringStartsWith(
            "phork (0.1.0+g1+deb12) stable; urgency=medium\n\n  * One thing.\n  * Another.\n\n -- ",
            $output);
        self::assertStringContainsString('  Fri, 02 Jan 1970 00:00:00 +0000', $output);
        self::assertStringContainsString(
            "phork (0.1.0+deb12) stable; urgency=medium\n\n  * First.\n", $output);
        self::assertStringContainsString('  Fri, 20 Nov 2026 00:00:00 +0000', $output);
    }

    public function testAChangelogWithoutNewsBeginsWithTheRelease(): void
    {
        $text = "## [Unreleased]\n\n## [0.1.0] - 2026-11-20\n\n- First.\n";
        [, $output] = $this->runTool('changelog', ['0.1.0+deb12', '+deb12', '86400'], $text);
        self::assertSame(1, substr_count($output, 'urgency='));
        self::assertStringStartsWith("phork (0.1.0+deb12) stable", $output);
    }

    public function testAFileThatIsNoChangelogIsRefused(): void
    {
        [$code, $output, $errors] = $this->runTool('changelog', ['1', '', '0'], 'text');
        self::assertSame([100, ''], [$code, $output]);
        self::assertStringContainsString("and '## [VERSION] - DATE' in stdin", $errors);
    }

    public function testAManifestNamesThePackageOfAFileBelowALink(): void
    {
        [$code, $output] = $this->runTool('manifest', [$this->root(), 'phork=0.1.0']);
        self::assertSame(0, $code);
        $manifest = json_decode($output, true);
        self::assertSame('0.1.0', $manifest['phork']);
        $files = array_column($manifest['files'], null, 'path');
        self::assertSame(
            ['path' => '/usr/lib/libtool.so', 'bytes' => 4, 'sha256' => hash('sha256', 'code'),
                'mode' => '0644', 'component' => 'tool', 'source' => '/usr/lib/libtool.so',
                'package' => 'tool', 'version' => '1:2.0-1'],
            $files['/usr/lib/libtool.so']);
        self::assertSame('libtool.so', $files['/usr/lib/link.so']['link']);
        self::assertSame('made for the image', $files['/etc/made']['component']);
    }

    public function testSizesAboveTheLimitAreRefused(): void
    {
        $manifest = json_encode(['files' => [['component' => 'php', 'bytes' => 3 << 20],
            ['component' => 'small', 'bytes' => 1]]]);
        [$code, $output] = $this->runTool('sizes', ['4'], $manifest);
        self::assertSame(0, $code);
        self::assertMatchesRegularExpression('/^php +3145728 +3.0 MB\n1 small.*? +1 /', $output);
        [$code, , $errors] = $this->runTool('sizes', ['2'], $manifest);
        self::assertSame([1, "sizes: expected at most 2 MB\n"], [$code, $errors]);
    }

    public function testABillOfMaterialsHasThePackagesOfTheManifest(): void
    {
        $root = $this->root();
        [, $manifest] = $this->runTool('manifest', [$root, 'phork=0.1.0']);
        [$code, $output] = $this->runTool('sbom', ['image', $root, '86400'], $manifest);
        self::assertSame(0, $code);
        $sbom = json_decode($output, true);
        self::assertSame('1970-01-02T00:00:00Z', $sbom['creationInfo']['created']);
        self::assertSame(['image', 'tool', 'phork'], array_column($sbom['packages'], 'name'));
        $tool = $sbom['packages'][1];
        self::assertSame('MIT', $tool['licenseDeclared']);
        self::assertSame('built from the source package tools 2.0-1', $tool['sourceInfo']);
        self::assertSame('pkg:deb/debian/tool@1%3A2.0-1?arch=amd64',
            $tool['externalRefs'][0]['referenceLocator']);
    }

    public function testAPackageWithoutACopyrightFileIsRefused(): void
    {
        $root = $this->root();
        [, $manifest] = $this->runTool('manifest', [$root, 'phork=0.1.0']);
        unlink("$root/usr/share/doc/tool/copyright");
        [$code, $output, $errors] = $this->runTool('sbom', ['image', $root, '86400'], $manifest);
        self::assertSame([1, ''], [$code, $output]);
        self::assertStringContainsString('package tool of the manifest is not in ROOT', $errors);
    }

    public function testLicencesBecomeAnExpressionOfSpdx(): void
    {
        $copyright = new Copyright(new SpdxLicenses());
        $text = self::FORMAT . "\nFiles: *\nLicense: GPL-2+ or Artistic\n\n"
            . "Files: a\nLicense: zlib\n\nFiles: b\nLicense: own terms\n Do as you like.\n\n"
            . "License: GPL-2+\n See elsewhere.\n";
        $expression = $copyright->expression('tool', $text);
        self::assertSame('(GPL-2.0-or-later OR Artistic-1.0-Perl) AND '
            . '(LicenseRef-Debian-own-terms) AND (Zlib)', $expression);
        self::assertTrue((new SpdxLicenses())->validate($expression));
        self::assertSame(['LicenseRef-Debian-own-terms' => 'Do as you like.'],
            $copyright->references);
    }

    public function testACopyrightFileInProseBecomesAReferenceWithItsText(): void
    {
        $copyright = new Copyright(new SpdxLicenses());
        self::assertSame('LicenseRef-Debian-tool', $copyright->expression('tool', 'Free.'));
        $other = $copyright->expression('tool', 'Not so free.');
        self::assertStringStartsWith('LicenseRef-Debian-tool-', $other);
        self::assertSame('Not so free.', $copyright->references[$other]);
    }
}
