<?php
// SPDX-License-Identifier: MIT
//
// Included in an event that plants, and compiled there into the opcode cache.

declare(strict_types=1);
