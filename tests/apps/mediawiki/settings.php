<?php
// SPDX-License-Identifier: MIT
//
// MediaWiki's settings (MW_CONFIG_FILE): those that its installer wrote, with uploads on and names
// of pages in PATH_INFO. All that is written lies below APP_DATA, and uploaded files are served by
// img_auth.php, as a function has no web server beside it.

require getenv('APP_DATA') . '/LocalSettings.php';

$wgEnableUploads = true;
$wgUploadDirectory = getenv('APP_DATA') . '/images';
$wgUploadPath = '/img_auth.php';
$wgUsePathInfo = true;
$wgUseImageMagick = false;
// All jobs run behind the next answer; with the default of one, chance decides which.
$wgJobRunRate = 100;
wfLoadExtension('Cite');
wfLoadExtension('ParserFunctions');
