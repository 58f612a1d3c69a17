<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace App\Controller;

use App\Planets;
use Symfony\Component\HttpFoundation\Request;
use Symfony\Component\HttpFoundation\Response;
use Symfony\Component\HttpKernel\Attribute\AsController;
use Symfony\Component\Routing\Attribute\Route;
use Twig\Environment;

#[AsController]
final readonly class PlanetController
{
    public function __construct(private Planets $planets, private Environment $twig)
    {
    }

    #[Route('/', name: 'home')]
    public function home(): Response
    {
        return new Response($this->twig->render('home.html.twig'));
    }

    #[Route('/hello/{name}', name: 'hello')]
    public function hello(string $name, Request $request): Response
    {
        $minimumKm = $request->query->getInt('minimum_km', 10000);

        return new Response($this->twig->render('hello.html.twig', [
            'name' => $name,
            'minimum_km' => $minimumKm,
            'planets' => $this->planets->atLeast($minimumKm),
        ]));
    }
}
