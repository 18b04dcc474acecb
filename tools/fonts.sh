#!/bin/sh
# Source Sans 3 (SIL Open Font License 1.1): static TTF for paper, one variable WOFF2 for the screen.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm pack --silent @expo-google-fonts/source-sans-3@0.4.1 source-sans@3.52.0 >/dev/null
mkdir paper screen
tar xzf expo-google-fonts-*.tgz -C paper
tar xzf source-sans-*.tgz -C screen
for face in 400Regular 400Regular_Italic 600SemiBold 700Bold; do
    cp "paper/package/$face/SourceSans3_$face.ttf" "$top/reports/static/fonts/"
done
cp paper/package/LICENSE_FONT "$top/reports/static/fonts/OFL.txt"
"$top/.venv/bin/python" "$top/tools/screen_font.py" screen/package/VF/SourceSans3VF-Upright.ttf \
    "$top/survey/static/fonts/midtier-sans.woff2"
cp screen/package/LICENSE.md "$top/survey/static/fonts/OFL.txt"
echo "Fonts are in reports/static/fonts and survey/static/fonts"
