<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Testing;

use RuntimeException;

/** No event was served: the function did not boot, or the runtime did not start. */
final class RuntimeNotStarted extends RuntimeException
{
}
