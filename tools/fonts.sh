#!/bin/sh
# Source Sans 3 (SIL Open Font License 1.1): static TTF for paper, Latin WOFF2 for the screen.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm pack --silent @expo-google-fonts/source-sans-3@0.4.1 @fontsource/source-sans-3@5.3.1 >/dev/null
mkdir paper screen
tar xzf expo-google-fonts-*.tgz -C paper
tar xzf fontsource-*.tgz -C screen
for face in 400Regular 400Regular_Italic 600SemiBold 700Bold; do
    cp "paper/package/$face/SourceSans3_$face.ttf" "$top/reports/static/fonts/"
done
cp paper/package/LICENSE_FONT "$top/reports/static/fonts/OFL.txt"
for weight in 400 600 700; do
    cp "screen/package/files/source-sans-3-latin-$weight-normal.woff2" "$top/survey/static/fonts/"
done
echo "Fonts are in reports/static/fonts and survey/static/fonts"
