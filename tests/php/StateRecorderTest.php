<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Tests;

use Phork\Worker\StateRecorder;
use PHPUnit\Framework\TestCase;

final class StateRecorderTest extends TestCase
{
    private const PROBE = __DIR__ . '/../../audit/probe';

    /** @runInSeparateProcess */
    public function testOnlyTheCodeOfTheAuditorRecordsState(): void
    {
        $file = tempnam(sys_get_temp_dir(), 'phork-record-');
        try {
            putenv('PHORK_AUDIT_PROBE');
            StateRecorder::record($file, null);
            self::assertSame('', file_get_contents($file));

            putenv('PHORK_AUDIT_PROBE=' . self::PROBE);
            StateRecorder::record($file, null);
            self::assertStringStartsWith('{"boot":{"id":"', file_get_contents($file));
        } finally {
            unlink($file);
        }
    }
}
