<?php
// SPDX-License-Identifier: MIT
//
// The seam for `phork audit`: writes down the state that each event finds. The code that does it is
// the auditor's and does not ship with this library; PHORK_AUDIT_PROBE names its folder and is set
// by the auditor only.

declare(strict_types=1);

namespace Phork\Worker;

use Closure;

final class StateRecorder
{
    /** @var ?Closure(string, ?object): void */
    private static ?Closure $record = null;

    /** Called at boot, so that no event is the first to load the recorder's files. */
    public static function load(): void
    {
        $folder = getenv('PHORK_AUDIT_PROBE');
        if ($folder !== false) {
            self::$record ??= require "$folder/recorder.php";
        }
    }

    /**
     * Appends a line to `$file`; called before code of the application runs for an event. Without
     * the auditor's folder nothing is written.
     * @param ?object $dispatcher for the state that the entry itself holds
     */
    public static function record(string $file, ?object $dispatcher): void
    {
        self::load();
        if (self::$record !== null) {
            (self::$record)($file, $dispatcher);
        }
    }
}
