// Renders what a terminal received, on standard input, as an SVG image: node render.mjs COLUMNS
import { readFileSync } from 'node:fs';

const CELL_WIDTH = 8.4, LINE_HEIGHT = 18, FONT_SIZE = 14, PADDING = 16, BAR = 30;
const TEXT = '#d8dee9', BACKGROUND = '#1b1f27', BAR_COLOUR = '#2b303b';
const COLOURS = ['#1b1f27', '#e5707a', '#98c379', '#e5c07b', '#61afef', '#c678dd', '#56b6c2', '#d8dee9', '#7f8896', '#ff7b86', '#a9d98a', '#f2cc7d', '#79beff', '#d68bec', '#67cbd7', '#ffffff'];

const columns = Number(process.argv[2]);
const lines = toLines(readFileSync(0, 'utf8'));
const width = Math.ceil(columns * CELL_WIDTH + 2 * PADDING);
const height = Math.ceil(BAR + lines.length * LINE_HEIGHT + PADDING);

const out = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    '<title>A terminal in which MtaStsHost validates a configuration, prints DNS records and checks a domain</title>',
    `<rect width="${width}" height="${height}" rx="8" fill="${BACKGROUND}"/>`,
    `<path d="M0 ${BAR}V8a8 8 0 0 1 8-8h${width - 16}a8 8 0 0 1 8 8v${BAR - 8}z" fill="${BAR_COLOUR}"/>`,
    ...['#e5707a', '#e5c07b', '#98c379'].map((colour, place) => `<circle cx="${PADDING + 4 + place * 20}" cy="${BAR / 2}" r="5.5" fill="${colour}"/>`),
    `<g font-family="ui-monospace, 'Cascadia Mono', 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${FONT_SIZE}" fill="${TEXT}" xml:space="preserve">`,
    ...lines.map((runs, row) => {
        const spans = runs.flatMap(run => [...run.text.matchAll(/(?:[^\s\u2500-\u257f]+ ?)+/g)].map(({ 0: match, index }) => {
            const text = match.trimEnd();
            const style = (run.colour === null ? '' : ` fill="${COLOURS[run.colour]}"`) + (run.bold ? ' font-weight="bold"' : '');
            // A fixed length keeps the columns aligned, whatever font the reader has.
            return `<tspan x="${x(run.column + index)}" textLength="${round([...text].length * CELL_WIDTH)}" lengthAdjust="spacingAndGlyphs"${style}>${escape(text)}</tspan>`;
        }));
        return spans.length === 0 ? '' : `<text y="${y(row + 0.75)}">${spans.join('')}</text>`;
    }).filter(line => line !== ''),
    '</g>',
    `<path d="${lines.flatMap(drawBoxes).join('')}" stroke="${TEXT}" fill="none"/>`,
    '</svg>',
];
console.log(out.join('\n'));

function x(column) { return round(PADDING + column * CELL_WIDTH); }
function y(row) { return round(BAR + PADDING / 2 + row * LINE_HEIGHT); }
function round(number) { return Number(number.toFixed(1)); }

/** Box-drawing characters, as lines: as glyphs, they would have gaps between them. */
function drawBoxes(runs, row) {
    return runs.flatMap(run => [...run.text.matchAll(/[─╮╯┤┬┴┼╭╰├│]─*/g)].flatMap(({ 0: text, index }) => {
        const column = run.column + index, first = text[0], paths = [];
        const from = '╮╯┤┬┴┼─'.includes(first) ? column : column + 0.5;
        const to = '╮╯┤│'.includes(first) ? column + 0.5 : column + text.length;
        if (from < to && first !== '│') paths.push(`M${x(from)} ${y(row + 0.5)}H${x(to)}`);
        if ('╯┴╰│┤├┼'.includes(first)) paths.push(`M${x(column + 0.5)} ${y(row)}V${y(row + 0.5)}`);
        if ('╮┬╭│┤├┼'.includes(first)) paths.push(`M${x(column + 0.5)} ${y(row + 0.5)}V${y(row + 1)}`);
        return paths;
    }));
}

/** Lines of runs of equal style. A carriage return starts the line again, as for progress that is overwritten. */
function toLines(input) {
    const result = [];
    for (const line of input.replace(/\r+\n/g, '\n').replace(/\n+$/, '').split('\n')) {
        let [runs, column, bold, colour] = [[], 0, false, null];
        for (const [part] of line.matchAll(/\x1b\[[0-9;?]*[A-Za-z]|\x1b.|\r|[^\x1b\r]+/g)) {
            if (part === '\r') [runs, column] = [[], 0];
            else if (!part.startsWith('\x1b')) {
                runs.push({ column, text: part, bold, colour });
                column += [...part].length;
            } else if (part.endsWith('m')) [bold, colour] = style(part.slice(2, -1).split(';').map(Number), bold, colour);
        }
        result.push(runs);
    }
    return result;
}

function style(codes, bold, colour) {
    for (let place = 0; place < codes.length; place++) {
        const code = codes[place];
        if (code === 0) [bold, colour] = [false, null];
        else if (code === 1) bold = true;
        else if (code === 22) bold = false;
        else if (code >= 30 && code <= 37) colour = code - 30;
        else if (code >= 90 && code <= 97) colour = code - 82;
        else if (code === 39) colour = null;
        else if (code === 38 && codes[place + 1] === 5) { colour = codes[place + 2] < 16 ? codes[place + 2] : null; place += 2; }
    }
    return [bold, colour];
}

function escape(text) { return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;'); }
