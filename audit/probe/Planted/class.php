<?php
// SPDX-License-Identifier: MIT
//
// Included in an event that plants, for what it declares.

declare(strict_types=1);

namespace Phork\Audit\Planted;

final class DeclaredClass
{
}
