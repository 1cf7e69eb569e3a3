@echo off
rem Runs the command line from this checkout: builds it first when a source file is newer than the last build.
setlocal
set "MOT_ROOT=%~dp0"
set "MOT_BIN=%MOT_ROOT%artifacts\bin\MixtureOfTransformers.Cli\release"

where dotnet >nul 2>nul
if errorlevel 1 (
  echo mot: the .NET 10 SDK was not found; install it ^(https://dotnet.microsoft.com/download^) and put dotnet on PATH 1>&2
  exit /b 1
)

powershell -NoProfile -Command "$s = Get-Item -ErrorAction Ignore (Join-Path $env:MOT_BIN 'mot.stamp'); if (-not $s) { exit 1 }; $n = Get-ChildItem -Recurse (Join-Path $env:MOT_ROOT 'src'), (Join-Path $env:MOT_ROOT 'recipes'), (Join-Path $env:MOT_ROOT '*.props'), (Join-Path $env:MOT_ROOT 'global.json') | Where-Object LastWriteTime -gt $s.LastWriteTime; exit [int]($n.Count -gt 0)"
if not errorlevel 1 goto run

echo Building mot ... 1>&2
set "MOT_LOG=%MOT_ROOT%artifacts\mot-build.log"
if not exist "%MOT_ROOT%artifacts" mkdir "%MOT_ROOT%artifacts"
dotnet build "%MOT_ROOT%src\MixtureOfTransformers.Cli" --configuration Release --nologo --verbosity quiet -nodeReuse:false > "%MOT_LOG%" 2>&1
if errorlevel 1 (
  type "%MOT_LOG%" 1>&2
  echo mot: the build failed; the output is above and in %MOT_LOG% 1>&2
  exit /b 1
)

:run
dotnet "%MOT_BIN%\mot.dll" %*
exit /b %errorlevel%
