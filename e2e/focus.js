// Whether the element that has the keyboard's focus looks different from how it looks without; null when none has.
() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const look = () => {
    const style = getComputedStyle(element);
    return [style.outlineStyle, style.outlineWidth, style.boxShadow, style.backgroundColor, style.borderColor, style.textDecorationLine].join();
  };
  const focused = look();
  element.blur();
  const plain = look();
  element.focus({ focusVisible: true });
  return { name: `${element.tagName} ${(element.textContent || element.name || "").trim().slice(0, 30)}`, visible: focused !== plain };
};
