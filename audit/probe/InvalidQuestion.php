<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Audit;

use InvalidArgumentException;

/** The event is none that the probe answers. */
final class InvalidQuestion extends InvalidArgumentException
{
}
