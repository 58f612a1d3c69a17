<?php
// SPDX-License-Identifier: MIT
//
// Finding the programs, and the answer that `phork invoke` prints.

declare(strict_types=1);

namespace Phork\Tests\Testing;

use Phork\Testing\Programs;
use Phork\Testing\RuntimeAnswer;
use PHPUnit\Framework\TestCase;

final class ProgramsTest extends TestCase
{
    private string $folder;
    private string|false $home;
    private string $path;

    protected function setUp(): void
    {
        $this->folder = sys_get_temp_dir() . '/phork-programs-' . bin2hex(random_bytes(6));
        foreach (['', '/installed', '/vendor', '/bin'] as $folder) {
            mkdir($this->folder . $folder);
        }
        foreach (['installed/phork', 'installed/bootstrap', 'vendor/phork'] as $program) {
            file_put_contents("$this->folder/$program", '');
            chmod("$this->folder/$program", 0755);
        }
        symlink('../installed/phork', "$this->folder/bin/phork");
        [$this->home, $this->path] = [getenv('PHORK_HOME'), (string) getenv('PATH')];
        putenv('PHORK_HOME');
    }

    protected function tearDown(): void
    {
        putenv($this->home === false ? 'PHORK_HOME' : "PHORK_HOME=$this->home");
        putenv("PATH=$this->path");
        array_map(unlink(...), glob("$this->folder/*/*") ?: []);
        array_map(rmdir(...), glob("$this->folder/*") ?: []);
        rmdir($this->folder);
    }

    public function testPathIsSearchedThroughLinksAndPastComposersOwn(): void
    {
        putenv("PATH=/none::$this->folder/vendor:$this->folder/bin");

        self::assertSame("$this->folder/installed/phork", Programs::phork());
    }

    public function testWithoutProgramsThereIsNone(): void
    {
        putenv("PATH=$this->folder/vendor");

        self::assertNull(Programs::phork());
    }

    public function testPhorkHomeComesFirst(): void
    {
        putenv('PATH=/none');
        putenv("PHORK_HOME=$this->folder/installed");

        self::assertSame("$this->folder/installed/phork", Programs::phork());
    }

    public function testAPhorkHomeWithoutProgramsIsRefused(): void
    {
        putenv("PATH=$this->folder/bin");
        putenv("PHORK_HOME=$this->folder/vendor");

        $this->expectExceptionMessage("PHORK_HOME=$this->folder/vendor: expected the folder of an");

        Programs::phork();
    }

    public function testAnAnswerAndAFailureAreToldApart(): void
    {
        $answer = RuntimeAnswer::fromProcess(0, "{\"errorType\":\"mine\"}\n", 'log');
        self::assertSame(['errorType' => 'mine'], $answer->value);
        self::assertSame(['{"errorType":"mine"}', null, 'log'], [
            $answer->json, $answer->errorType, $answer->log,
        ]);

        $failure = RuntimeAnswer::fromProcess(1, '{"errorType":"A","errorMessage":"b"}', '');
        self::assertSame([null, 'A', 'b'], [
            $failure->value, $failure->errorType, $failure->errorMessage,
        ]);
    }

    public function testARuntimeThatDidNotStartIsAnExceptionWithTheEndOfItsLog(): void
    {
        $this->expectExceptionMessage("phork invoke: exit code 1 and no answer; the log ends with\n"
            . "2\n3\n4\n5\nphork error: no such handler");

        RuntimeAnswer::fromProcess(1, '', "1\n2\n3\n4\n5\nphork error: no such handler\n");
    }
}
