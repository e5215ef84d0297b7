import type { Instance } from '#api/instance.ts';
import type { BuiltImage } from '#core/images/built-image.ts';
import type { BuiltFlavor } from '#core/lifecycle/guest-size.ts';

/** What an Image of an Instance is made with. */
export interface NewImage {
  name: string;
  /** What the root disk itself was made from: its properties stay true. */
  image: BuiltImage;
  flavor: BuiltFlavor;
}

/** Makes Images of Instances. Every call can be repeated without harm. */
export interface ImageMaker {
  /** `taken`: there is one of that name that another request made, or a person. */
  make(instance: Instance, image: NewImage, requestId: string): Promise<'made' | 'taken'>;
  /** Deletes what the request made, if anything. */
  drop(instance: Instance, requestId: string): Promise<void>;
}
