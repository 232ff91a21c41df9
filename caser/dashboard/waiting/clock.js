// One tick at a time: the next waits until what the last one asked for is drawn. A clock that ticks on would ask once
// more while the whole page is drawn, and the browser then forgets the rest of it.
export default function ({ data, setTriggerValue }) {
  const tick = setTimeout(() => setTriggerValue("tick", data.look), 1000 * data.seconds);
  return () => clearTimeout(tick);
}
