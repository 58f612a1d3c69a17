<?php
// SPDX-License-Identifier: MIT
//
// One kind of state that a PHP process can hold. `look` tells what is there, as a small JSON value,
// and changes nothing; `plant` changes it to something unusual that no later event stumbles over.
// The closures run in the event they are asked in. A kind that this PHP lacks says what is missing.

declare(strict_types=1);

namespace Phork\Audit;

use Closure;

final readonly class Kind
{
    /**
     * @param string $name kebab-case, unique among all kinds
     * @param string $missing why it is not available; '' when it is
     * @param ?Channel $channel the one it belongs to, if events share it on purpose
     * @param ?KeptByFpm $keptByFpm why it survives there, if it is known to
     */
    public function __construct(
        public string $name,
        public string $title,
        private Closure $look,
        private Closure $plant,
        public string $missing = '',
        public ?Channel $channel = null,
        public ?KeptByFpm $keptByFpm = null,
    ) {
    }

    public static function unavailable(string $name, string $title, string $missing): self
    {
        return new self($name, $title, static fn () => null, static fn () => null, $missing);
    }

    public function look(): mixed
    {
        return ($this->look)();
    }

    public function plant(): void
    {
        ($this->plant)();
    }

    /** @return array<string, string|bool|list<string>> as the auditor takes it */
    public function describe(Group $group): array
    {
        return [
            'name' => $this->name,
            'group' => $group->value,
            'title' => $this->title,
            'available' => $this->missing === '',
            'reason' => $this->missing,
            'channel' => $this->channel?->value ?? '',
            'kept_by' => $this->keptByFpm === null ? [] : ['fpm'],
            'policy' => $this->channel?->policy() ?? $this->keptByFpm?->policy() ?? '',
        ];
    }
}
