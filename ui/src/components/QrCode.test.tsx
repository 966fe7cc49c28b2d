import { describe, expect, it } from "vitest";
import { render } from "../testing/render";
import { QrCode } from "./QrCode";

const drawn = (dark: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 33 33"><path fill="#fff" d="M0 0h33v33H0z"/>${dark}</svg>`;

describe("QR", () => {
  it("is as large as a whole number of pixels a module makes it", () => {
    const svg = render(<QrCode svg={drawn('<path fill="#000" d="M4 4h7v1h-7z"/>')} modules={33} perModule={8.9} label="二维码" />).querySelector("svg");
    expect(svg?.getAttribute("width")).toBe("264");
    expect(svg?.querySelector("path")?.getAttribute("d")).toBe("M4 4h7v1h-7z");
  });

  it("takes nothing over but a path", () => {
    const host = render(<QrCode svg={drawn('<path fill="#000" d="M4 4" onload="x()"/><script>x()</script>')} modules={33} perModule={5} label="二维码" />);
    expect(host.innerHTML).not.toContain("x()");
    expect(host.querySelector("path")?.getAttribute("d")).toBe("");
  });
});
